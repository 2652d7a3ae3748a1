import type { SemanticType } from '../semanticTypes';

/**
 * Names of fields as they are found in event schemas, and what they are, judged
 * by a person. `record.field` stands for a field in a record held by a field
 * of that name. Kinds: s text, i integer, f fraction, d date, e enum, j JSON.
 */
export interface LabelledName {
  name: string;
  kind: string;
  /** `none`: not about a person. */
  label: SemanticType;
}

function label(semanticType: SemanticType, names: string): LabelledName[] {
  return names
    .split(/[\s,]+/)
    .filter(name => name !== '')
    .map(entry => {
      const [name, kind = 's'] = entry.split(':');
      return { name, kind, label: semanticType };
    });
}

/** The names that the rules were written with. */
export const KNOWN_NAMES: readonly LabelledName[] = [
  ...label(
    'email',
    `email customer_email customerEmail e_mail eMail emailAddress work_email
     billing_email email_hash user.email contactEmails:s mail`,
  ),
  ...label(
    'phone',
    `phone phone_number phoneNumber mobile_phone customerPhone:i telephone fax
     telefonnummer msisdn user.mobile`,
  ),
  ...label(
    'name',
    `first_name lastName full_name surname customer_name user.name author.name
     givenName vorname nachname prenom apellidos nickname recipient_name
     passenger.full_name`,
  ),
  ...label(
    'person-id',
    `user_id userId:i customer_id customerNumber user_name username login
     created_by assigneeId:i anonymousId distinct_id employee_number:i
     user.id:i user.html_url kundennummer approved_by_id:i visitor_id`,
  ),
  ...label(
    'postal-address',
    `street street_address shippingAddress:j billing_address address
     zip_code postalCode strasse plz hausnummer address.city address_line_1`,
  ),
  ...label(
    'ip-address',
    'ip ip_address client_ip remoteAddr:s remote_address x_forwarded_for sourceIp',
  ),
  ...label(
    'device-id',
    'device_id idfa imei mac_address session_id userAgent cookie push_token',
  ),
  ...label(
    'location',
    'latitude:f longitude:f lat:f lng:f geohash gps_position',
  ),
  ...label(
    'birth-date',
    'birth_date:d dateOfBirth:d dob birthday geburtsdatum user.age:i date_of_birth',
  ),
  ...label(
    'government-id',
    'ssn passport_number tax_id national_id licensePlate',
  ),
  ...label(
    'payment',
    'iban card_number creditCardNumber card_last4 bank_account',
  ),
  ...label('image', 'avatar_url profilePicture user.photo_url selfie'),
  ...label(
    'sensitive',
    'gender:e religion nationality marital_status ethnicity',
  ),
  ...label(
    'free-text',
    'comment feedback customer_note bio issue.body review.title search_query',
  ),
  ...label(
    'secret',
    'password api_key access_token client_secret cvv passwort',
  ),
  ...label(
    'none',
    `version_name file_name fileName email_count:i emailCount:i emails_sent:i
     event_name host_name product_name repository.name team.name name id:i id
     order_id order_number sku currency amount:i status state type action
     created_at updated_at ref sha node_id url html_url path country country_code
     locale language timezone page_count:i phone_model phone_type address_type
     ip_version:i server_ip pod_ip memory_address web_address contract_address
     mail_template email_template message_id message_type error_message
     status_message commit_sha version title_count:i card_type payment_method
     payment_status token_type next_page_token public_key session_count:i
     user_count:i users:i customer_count:i customer_type user_type user_role
     author_association login_count:i last_login_method device_type device_model
     os_version browser_name store.latitude:f store.address.geo_zone
     permissions.emails permissions.secrets organization.login organization.id:i
     ordered_by sorted_by grouped_by password_strength password_changed_count:i
     zip_file zipball_url release_notes gender_neutral_pricing city_count:i
     image_width:i image_url product.image_url product.photo_url age_rating
     cache.age:i page_title category.description driver_version
     account_type account_id app_id:i installation_id:i job_id:i run_id:i
     trace_id span_id request_id correlation_id batch_id partition_key topic`,
  ),
];

/**
 * Names that were labelled after the rules were written, and with which no rule
 * has been changed since: what the detector is worth on schemas it never saw.
 */
export const UNSEEN_NAMES: readonly LabelledName[] = [
  ...label(
    'email',
    `buyer_email notificationEmail reply_to_email from.email recipientEmail
     contact.email_address`,
  ),
  ...label(
    'phone',
    `contact_phone mobileNumber home_phone emergency_contact_phone telefono
     shipping.phone`,
  ),
  ...label(
    'name',
    `middle_name maidenName contact_name guest.first_name cardholder_name
     displayName user.display_name fullName achternaam traveler.name sender_name
     driver_name patient.last_name`,
  ),
  ...label(
    'person-id',
    `patient_id member_id:i subscriberId buyer_id updated_by submittedBy
     ownerId enduser.id author_id:i reviewer user_uuid employee.id:i
     account_holder profile.handle requestor_id sellerId client_reference_id
     user_sub learner_id`,
  ),
  ...label(
    'postal-address',
    `home_address delivery_address:j street_name house_number postcode
     shipping.city customer.city billing.zip address_line2 mailingAddress:j
     shipping_address.line1 anschrift`,
  ),
  ...label('ip-address', 'user_ip last_ip clientIpAddress ipv4 login_ip'),
  ...label(
    'device-id',
    `android_id advertising_id device.uuid browser_fingerprint http_user_agent
     install_id sessionKey`,
  ),
  ...label(
    'location',
    'geo.lat:f pickup_latitude:f dropoff_longitude:f current_location user.location coordinates:j',
  ),
  ...label(
    'birth-date',
    'birth_year:i birthDate:d place_of_birth patient.age:i',
  ),
  ...label(
    'government-id',
    'social_security_number driver_license_number vat_number passport cpf',
  ),
  ...label(
    'payment',
    'account_number cc_number bankAccountNumber last4 iban_masked',
  ),
  ...label('image', 'avatar profile_image_url photo'),
  ...label(
    'sensitive',
    'sex:e blood_type disability political_party diagnosis',
  ),
  ...label(
    'free-text',
    `review_text feedback_text chat.message ticket.description special_requests
     cancellation_comment message_body ticket.subject notes survey.answer`,
  ),
  ...label(
    'secret',
    'refresh_token private_key webhook_secret otp auth_token pin',
  ),
  ...label(
    'none',
    `order.total:f line_items.quantity:i discount_code coupon tax_rate:f
     shipping_method shipping_cost:i carrier tracking_number warehouse_id
     campaign_name campaign_id utm_source utm_medium referrer page_url
     screen_name_count:i feature_flag experiment_id variant build_number
     commit.id branch_name tag_name job_name step_name pipeline_name
     container_name image_name image_tag namespace cluster_name region zone
     metric_name unit severity log_level logger_name thread_name
     exception_type stack_trace duration_ms:i latency_ms:i retry_count:i
     queue_name consumer_group offset:i checksum mime_type content_type
     content_length:i file_size:i file_path bucket_name object_key
     subscription_plan plan_name invoice_id invoice_number payment_intent_id
     merchant_id merchant_name store_id store_name store.city store.phone_count:i
     supplier_id brand_name model_name color_name size_name category_name
     is_default rating:i stars:i score:f rank:i position:i width:i height:i
     user_agent_family user_segment user_tier customer_lifetime_value:f
     customer_segment employee_count:i passenger_count:i guest_count:i
     patient_count:i seat_number gate flight_number train_number route_name
     vehicle_type vehicle_model fuel_level:f sensor_id sensor.latitude:f
     temperature:f station_name station.longitude:f room_name building_name
     company_name company_id department_name team_id team_name project_name
     sprint_name issue_type issue.number:i pull_request.number:i label.name
     label.description milestone.title workflow_name workflow_id:i runner_name
     address_count:i ip_range cidr port:i protocol dns_name domain_name
     hash_algorithm key_version certificate_serial ssl_version token_count:i
     page_token cursor comment_count:i message_count:i note_count:i
     reply_count:i email_verified_at email_domain email_status email_provider
     phone_verified_at phone_country_code name_length:i title type_name
     class_name function_name package_name module_name library_name
     license.name license_key currency_name country_name language_name
     timezone_name weather_location city_code airport_code payment_id
     transaction_id refund_reason cancel_reason error_code error.message
     response_body_size:i query_duration_ms:i search_result_count:i
     description_length:i text_color text_size font_name template_name
     notification_type channel_name push_enabled delivery_status
     delivery_attempts:i delivery.id ownership_type member_count:i
     creator_tool author_count:i sender_type login_method login_status`,
  ),
];
