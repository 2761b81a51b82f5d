"""Layouts: the headers and words of each tool that the invented company exports from."""

from audit_lib.sample.formats import Layout

_CONTACT_INSTANTS = frozenset(
    {
        "collected_at",
        "last_inbound_contact_at",
        "last_outbound_contact_at",
        "relationship_ended_at",
        "opted_out_at",
        "recontact_sent_at",
        "recontact_reply_at",
        "archived_at",
        "hold_opened_at",
        "hold_closed_at",
        "anonymised_at",
    }
)

HUBSPOT_FRENCH = Layout(
    headers={
        "contact_id": "ID de fiche d'informations",
        "first_name": "Prénom",
        "last_name": "Nom",
        "email": "E-mail",
        "phone": "Numéro de téléphone",
        "company": "Nom de l'entreprise",
        "company_id": "ID de l'entreprise associée",
        "country": "Pays/Région",
        "status": "Phase du cycle de vie",
        "source": "Source d'origine",
        "legal_basis": "Base juridique",
        "collected_at": "Date de création",
        "last_inbound_contact_at": "Dernier contact entrant",
        "last_outbound_contact_at": "Dernier contact sortant",
        "last_activity": "Date de dernière activité",
        "relationship_ended_at": "Fin de la relation",
        "opted_out_at": "Désinscrit le",
        "recontact_sent_at": "Relance envoyée le",
        "recontact_reply_at": "Réponse à la relance le",
        "recontact_reply": "Réponse à la relance",
        "archived_at": "Archivé le",
        "archive_basis": "Fondement d'archivage",
        "archive_category": "Catégorie d'archive",
        "archive_clock": "Point de départ d'archivage",
        "archive_store": "Base d'archivage",
        "archive_access_groups": "Groupes d'accès à l'archive",
        "hold_id": "Gel contentieux",
        "hold_opened_at": "Gel ouvert le",
        "hold_closed_at": "Gel levé le",
        "anonymised_at": "Anonymisé le",
        "message": "Message",
        "notes": "Notes",
    },
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    instant="%d/%m/%Y",
    dates=_CONTACT_INSTANTS | {"archive_clock", "last_activity"},
    words={
        "status": {
            "prospect": "Prospect",
            "customer": "Client",
            "former_customer": "Ancien client",
            "other": "Autre",
        },
        "recontact_reply": {
            "positive": "Positive",
            "negative": "Négative",
            "ambiguous": "Ambiguë",
            "automatic": "Automatique",
        },
        "archive_category": {
            "accounting_voucher": "Pièce comptable",
            "contract": "Contrat",
            "consumer_contract": "Contrat de consommation",
            "tax_document": "Document fiscal",
        },
        "archive_store": {"active": "Active", "intermediate": "Intermédiaire"},
        "archive_access_groups": {"legal": "juridique", "accounting": "comptable", "dpo": "DPO"},
    },
)

HUBSPOT_ENGLISH = Layout(
    headers={
        "contact_id": "Record ID",
        "first_name": "First Name",
        "last_name": "Last Name",
        "email": "Email",
        "phone": "Phone Number",
        "company": "Company Name",
        "company_id": "Primary Associated Company ID",
        "country": "Country/Region",
        "status": "Lifecycle Stage",
        "source": "Original Source",
        "legal_basis": "Legal basis for processing contact's data",
        "collected_at": "Create Date",
        "last_inbound_contact_at": "Last inbound contact",
        "last_outbound_contact_at": "Last Contacted",
        "last_activity": "Last Activity Date",
        "last_open": "Last marketing email open date",
        "relationship_ended_at": "Relationship ended on",
        "opted_out_at": "Opted out on",
        "recontact_sent_at": "Recontact sent on",
        "recontact_reply_at": "Recontact reply on",
        "recontact_reply": "Recontact reply",
        "archived_at": "Archived on",
        "archive_basis": "Archive basis",
        "archive_category": "Archive category",
        "archive_clock": "Archive clock",
        "archive_store": "Archive store",
        "archive_access_groups": "Archive access groups",
        "hold_id": "Legal hold ID",
        "hold_opened_at": "Legal hold opened on",
        "hold_closed_at": "Legal hold closed on",
        "anonymised_at": "Anonymised on",
        "message": "Message",
        "notes": "Notes",
    },
    encoding="utf-8-sig",
    dates=frozenset({"archive_clock"}),
    instants=_CONTACT_INSTANTS | {"last_activity", "last_open"},
    words={
        "status": {
            "prospect": "Lead",
            "customer": "Customer",
            "former_customer": "Former customer",
            "other": "Other",
        },
        "country": {"Allemagne": "Germany", "Espagne": "Spain", "Italie": "Italy", "Belgique": "Belgium"},
    },
)

INTERACTIONS = Layout(
    headers={name: name for name in ("interaction_id", "contact_id", "at", "direction", "type", "subject")}
)

CONTRACTS = Layout(
    headers={
        "contract_id": "N° contrat",
        "company_id": "Code client",
        "kind": "Type",
        "domain": "Domaine",
        "signed_at": "Date de signature",
        "start": "Date de début",
        "end": "Date de fin",
        "tacit_renewal": "Tacite reconduction",
        "has_user_data": "Données utilisateurs",
        "dpa_signed_at": "Date de signature du DPA",
        "label": "Libellé",
    },
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    dates=frozenset({"signed_at", "start", "end", "dpa_signed_at"}),
)

USERS_LDIF = {
    "user_id": "entryUUID",
    "login": "uid",
    "display_name": "cn",
    "last_name": "sn",
    "first_name": "givenName",
    "email": "mail",
    "phone": "telephoneNumber",
    "customer_domain": "associatedDomain",
    "active": "accountActive",
    "office": "physicalDeliveryOfficeName",
    "created_at": "createTimestamp",
    "last_login_at": "authTimestamp",
}
USERS_LDIF_CLASSES = ("top", "person", "organizationalPerson", "inetOrgPerson")

RESIDUES_LDIF = {
    "entry_id": "entryid",
    "domain": "domain",
    "roles": "roles",
    "usage_calls": "usage_calls",
    "usage_minutes": "usage_minutes",
    "cn": "cn",
    "mail": "mail",
    "phone": "telephoneNumber",
    "office": "physicalDeliveryOfficeName",
}

DOMAINS = Layout(
    headers={
        "domain": "Domaine",
        "status": "État",
        "disabled_at": "Désactivé le",
        "encrypted_at_rest": "Chiffré au repos",
        "encryption_algorithm": "Algorithme de chiffrement",
    },
    delimiter=";",
    encoding="cp1252",
    instant="%d/%m/%Y %H:%M",
    instants=frozenset({"disabled_at"}),
    words={"status": {"active": "Actif", "disabled": "Désactivé"}},
)

STATISTICS = Layout(
    headers={"country": "Pays", "period": "Période", "users": "Utilisateurs", "category": "Indicateur"},
    delimiter=";",
    encoding="cp1252",
)

OTHER_RECORDS = Layout(
    headers={
        "record_id": "N°",
        "dataset": "Jeu de données",
        "category": "Catégorie",
        "last_used_at": "Dernière utilisation",
        "restored_at": "Restauré le",
        "archive_basis": "Fondement d'archivage",
        "archive_clock": "Point de départ d'archivage",
    },
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    dates=frozenset({"last_used_at", "restored_at", "archive_clock"}),
    words={
        "category": {
            "accounting_voucher": "Pièce comptable",
            "contract": "Contrat",
            "tax_document": "Document fiscal",
            "consumer_contract": "Contrat de consommation",
        }
    },
)

USERS_TABLE = Layout(
    headers={
        "user_id": "Identifiant",
        "login": "Login",
        "first_name": "Prénom",
        "last_name": "Nom",
        "email": "E-mail",
        "phone": "Téléphone",
        "customer_domain": "Domaine client",
        "company_id": "Code client",
        "active": "Actif",
        "created_at": "Créé le",
        "last_login_at": "Dernière connexion",
        "removed_at": "Supprimé le",
        "birth_date": "Date de naissance",
        "fax": "Télécopie",
    },
    delimiter=";",
    encoding="utf-8-sig",
    date="%d/%m/%Y",
    instant="%d/%m/%Y %H:%M:%S",
    instants=frozenset({"created_at", "last_login_at", "removed_at"}),
)

NAVIGATION = Layout(
    headers={
        name: name
        for name in (
            "event_id",
            "event_at",
            "visitor_id",
            "os",
            "browser",
            "browser_version",
            "language",
            "screen",
            "url",
            "referrer",
            "advertising_id",
            "ip",
        )
    }
)

TRANSFERS = Layout(
    headers={
        "transfer_id": "N°",
        "recipient": "Destinataire",
        "country": "Pays",
        "role_exporter": "Rôle de l'exportateur",
        "role_importer": "Rôle de l'importateur",
        "data_category": "Catégorie de données",
        "is_hr": "Données RH",
        "purpose": "Finalité",
        "start": "Début",
        "end": "Fin",
        "tool": "Type de garanties",
        "module": "Module",
        "signed_at": "Signé le",
        "unchanged": "Inchangé",
        "annexes_complete": "Annexes complètes",
        "tia_ref": "Réf. analyse d'impact",
        "tia_at": "Analyse d'impact le",
        "dpf_from": "DPF depuis",
        "dpf_to": "DPF jusqu'au",
        "dpf_scope": "Périmètre DPF",
        "in_adequacy_scope": "Dans le champ de l'adéquation",
        "bcr_approved_at": "BCR approuvées le",
    },
    dates=frozenset({"start", "end", "signed_at", "tia_at", "dpf_from", "dpf_to", "bcr_approved_at"}),
    words={
        "tool": {
            "none": "aucun",
            "adequacy": "adéquation",
            "scc_2010": "CCT 2010",
            "scc_2021": "CCT 2021",
            "bcr_c": "BCR-C",
            "bcr_p": "BCR-P",
            "art49": "article 49",
            "code_of_conduct": "code de conduite",
            "safe_harbour": "Safe Harbour",
            "privacy_shield": "Privacy Shield",
            "dpf": "DPF",
        },
        "dpf_scope": {"hr": "RH", "non_hr": "hors RH"},
    },
)

RIGHTS_REQUESTS = Layout(
    headers={
        "request_id": "N°",
        "type": "Droit exercé",
        "channel": "Canal",
        "subject_email": "E-mail du demandeur",
        "received_at": "Reçue le",
        "extension_notified_at": "Prolongation notifiée le",
        "extension_reason": "Motif de la prolongation",
        "answered_at": "Réponse envoyée le",
        "outcome": "Suite donnée",
        "refusal_reason": "Motif du refus",
        "erased_at": "Effacé le",
    },
    dates=frozenset({"received_at", "extension_notified_at", "answered_at", "erased_at"}),
    words={
        "type": {
            "access": "Accès",
            "erasure": "Effacement",
            "objection": "Opposition",
            "rectification": "Rectification",
            "portability": "Portabilité",
            "restriction": "Limitation du traitement",
        },
        "extension_reason": {"complexity": "Complexité", "number": "Nombre de demandes", "other": "Autre"},
        "outcome": {"granted": "Acceptée", "partly": "Partielle", "refused": "Refusée"},
    },
)

CUSTOMER_REQUESTS = Layout(
    headers={
        "request_id": "N°",
        "company_id": "Code client",
        "domain": "Domaine",
        "kind": "Nature de la demande",
        "requester_authorised": "Demandeur habilité",
        "received_at": "Reçue le",
        "answered_at": "Répondue le",
        "until": "Jusqu'au",
    },
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    dates=frozenset({"received_at", "answered_at", "until"}),
    words={
        "kind": {
            "dpa": "Contrat de protection des données",
            "keep_domain": "Conserver le domaine",
            "usage_report": "Rapport d'usage",
            "erase_now": "Effacement immédiat",
        }
    },
)

_BREACH_INSTANTS = {
    "occurred_at": "Survenue le",
    "aware_at": "Connaissance le",
    "authority_notified_at": "CNIL notifiée le",
    "subjects_notified_at": "Personnes informées le",
    "customer_notified_at": "Client prévenu le",
    "first_action_at": "Première mesure le",
}
BREACHES = Layout(
    headers={
        "breach_id": "N°",
        "role": "Rôle",
        "risk": "Risque",
        "risk_rationale": "Justification",
        **_BREACH_INSTANTS,
        "delay_reasons": "Motifs du retard",
    },
    delimiter=";",
    instant="%d/%m/%Y %H:%M",
    instants=frozenset(_BREACH_INSTANTS),
    words={
        "role": {"controller": "Responsable de traitement", "processor": "Sous-traitant"},
        "risk": {"unlikely": "Peu probable", "risk": "Risque", "high": "Élevé"},
    },
)

NOTICES = Layout(
    headers={
        "collection_point": "Point de collecte",
        "shown_at": "Affichée le",
        "notice_version": "Version de la mention",
        "has_identity": "Identité du responsable",
        "has_purposes": "Finalités",
        "has_mandatory_flags": "Caractère obligatoire",
        "has_recipients": "Destinataires",
        "has_rights": "Droits des personnes",
    },
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    dates=frozenset({"shown_at"}),
)

ENDPOINTS = Layout(
    headers={
        "url": "URL",
        "collects_personal_data": "Collecte des données personnelles",
        "https": "HTTPS",
        "http_redirects": "Redirection HTTP",
        "tls_min": "TLS minimal",
        "certificate_expires_at": "Expiration du certificat",
        "scanned_at": "Analysé le",
    },
    instant="%Y-%m-%d %H:%M:%S",
    instants=frozenset({"certificate_expires_at", "scanned_at"}),
)

HOSTS = Layout(
    headers={
        "host": "Serveur",
        "stores_personal_data": "Conserve des données personnelles",
        "firewall": "Pare-feu",
        "antivirus": "Antivirus",
        "intrusion_detection": "Détection d'intrusion",
        "seen_at": "Vue le",
    },
    delimiter=";",
    instant="%d/%m/%Y %H:%M",
    instants=frozenset({"seen_at"}),
)

RECIPIENTS = Layout(
    headers={
        "disclosure_id": "N°",
        "recipient": "Destinataire",
        "type": "Type de destinataire",
        "role": "Rôle",
        "country": "Pays",
        "disclosed_at": "Communiqué le",
        "contract_from": "Contrat depuis",
        "contract_to": "Contrat jusqu'au",
        "authorisation_ref": "Réf. autorisation",
        "procedure_ref": "Réf. procédure",
        "legal_obligation_ref": "Obligation légale",
    },
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    dates=frozenset({"disclosed_at", "contract_from", "contract_to"}),
    words={
        "type": {
            "team": "Équipe interne",
            "affiliate": "Société affiliée",
            "auditor": "Auditeur",
            "processor": "Sous-traitant",
            "partner": "Partenaire",
            "court_officer": "Officier ministériel",
            "authority": "Autorité",
            "other": "Autre",
        },
        "role": {"controller": "Responsable de traitement", "processor": "Sous-traitant"},
    },
)

_RECORDING_COLUMNS = ("object_id", "name", "store", "region", "customer", "created_at")
RECORDINGS = Layout(
    headers={name: name for name in (*_RECORDING_COLUMNS, "deleted", "deleted_at", "remaining_retention_days")}
)

ACCESSES = Layout(headers={name: name for name in ("access_id", "at", "principal", "actor_org", "ip", "country")})

PROCESSING = Layout(
    headers={
        "processing_id": "N°",
        "name": "Nom du traitement",
        "purpose": "Finalité principale",
        "legal_basis": "Base légale",
        "balancing_test_ref": "Réf. mise en balance",
        "retention": "Durée de conservation",
        "recipients": "Destinataires",
        "third_countries": "Pays tiers",
    },
    delimiter=";",
    encoding="cp1252",
)

STAFF = Layout(
    headers={
        "user_id": "Identifiant",
        "last_name": "Nom",
        "first_name": "Prénom",
        "department": "Service",
        "job": "Poste",
        "start": "Date d'entrée",
        "end": "Date de sortie",
    },
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    dates=frozenset({"start", "end"}),
)

TRAINING = Layout(
    headers={"user_id": "Identifiant", "course": "Formation", "completed_at": "Achevée le"},
    delimiter=";",
    encoding="utf-8-sig",
    date="%d/%m/%Y",
    dates=frozenset({"completed_at"}),
)

ACCESS_GRANTS = Layout(
    headers={
        "grant_id": "N° de droit",
        "user_id": "Compte",
        "system": "Application",
        "role": "Profil",
        "holds_personal_data": "Données personnelles",
        "granted_at": "Attribué le",
        "revoked_at": "Retiré le",
        "authorisation_id": "N° d'autorisation",
        "first_used_at": "Premier accès",
        "last_used_at": "Dernier accès",
    },
    delimiter=";",
    instant="%d/%m/%Y %H:%M",
    instants=frozenset({"granted_at", "revoked_at", "first_used_at", "last_used_at"}),
)

AUTHORISATIONS = Layout(
    headers={
        "authorisation_id": "N° d'autorisation",
        "user_id": "Bénéficiaire",
        "system": "Application",
        "approved_by": "Approuvée par",
        "approved_at": "Approuvée le",
        "expires_at": "Valable jusqu'au",
    },
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    instant="%d/%m/%Y %H:%M",
    dates=frozenset({"expires_at"}),
    instants=frozenset({"approved_at"}),
)

ENTITLEMENTS = Layout(
    headers={"department": "Service ou fonction", "system": "Application", "role": "Profil"},
    delimiter=";",
    encoding="cp1252",
)

AGREEMENTS = Layout(
    headers={"party_id": "Signataire", "signed_at": "Accord signé le", "expires_at": "Valable jusqu'au"},
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    dates=frozenset({"signed_at", "expires_at"}),
)

BLOB_INVENTORY = Layout(
    headers={
        "name": "Name",
        "created_at": "Creation-Time",
        "modified": "Last-Modified",
        "type": "BlobType",
        "tags": "Tags",
        "snapshot": "Snapshot",
        "version_id": "VersionId",
        "deleted": "Deleted",
        "deleted_at": "DeletedTime",
        "remaining_retention_days": "RemainingRetentionDays",
        "region": "Region",
        "customer": "Customer",
        "owner_user_id": "OwnerUserId",
        "delete_requested_at": "DeleteRequestedAt",
    }
)

CALLS_ELSEWHERE = Layout(
    headers={
        "object_id": "N°",
        "name": "Fichier",
        "store": "Lieu de stockage",
        "customer": "Client",
        "storage_request_ref": "Réf. demande de stockage",
        "created_at": "Enregistré le",
    },
    delimiter=";",
    encoding="cp1252",
    instant="%d/%m/%Y %H:%M",
    instants=frozenset({"created_at"}),
    words={"store": {"azure": "Microsoft Azure", "customer": "Chez le client", "third_party": "Chez un tiers"}},
)

LOG_GAPS = Layout(headers={name: name for name in ("access_id", "at", "is_gap", "gap_until")})

SECURE_ADMINS = Layout(
    headers={"principal": "Compte", "from": "Habilité depuis", "to": "Habilité jusqu'au"},
    delimiter=";",
    encoding="cp1252",
    date="%d/%m/%Y",
    dates=frozenset({"from", "to"}),
)

SUPPORT_REQUESTS = Layout(
    headers={
        "request_id": "N° de ticket",
        "customer": "Client",
        "requester_authorised": "Demandeur habilité",
        "opened_at": "Ouverte le",
        "closed_at": "Close le",
        "scope": "Objets concernés",
    },
    encoding="utf-8-sig",
    delimiter=";",
    instant="%d/%m/%Y %H:%M",
    instants=frozenset({"opened_at", "closed_at"}),
)

COOKIES = Layout(
    headers={
        "name": "Nom du cookie",
        "domain": "Domaine",
        "provider": "Fournisseur",
        "purpose": "Catégorie",
        "strictly_necessary": "Strictement nécessaire",
        "consent_state": "Choix",
        "choice_at": "Choix exprimé le",
        "set_at": "Déposé le",
        "expires_at": "Expire le",
        "country": "Pays du fournisseur",
        "observed_at": "Analysé le",
        "value": "Valeur",
    },
    delimiter=";",
    instant="%d/%m/%Y %H:%M:%S",
    instants=frozenset({"choice_at", "set_at", "expires_at", "observed_at"}),
    words={
        "purpose": {
            "necessary": "Nécessaires",
            "functional": "Préférences",
            "audience": "Statistiques",
            "advertising": "Marketing",
            "tracking": "Suivi",
        },
        "consent_state": {"before_choice": "avant le choix", "accepted": "tout accepter", "refused": "tout refuser"},
    },
)

FORMS = Layout(
    headers={
        "submission_id": "ID d'envoi",
        "at": "Date d'envoi",
        "form": "Formulaire",
        "page": "Page de conversion",
        "first_name": "Prénom",
        "last_name": "Nom",
        "email": "E-mail",
        "phone": "Numéro de téléphone",
        "company": "Nom de l'entreprise",
        "country": "Pays/Région",
        "job": "Intitulé du poste",
        "ip": "Adresse IP",
    },
    delimiter=";",
    encoding="cp1252",
    instant="%d/%m/%Y %H:%M:%S",
    instants=frozenset({"at"}),
    words={"form": {"newsletter": "Inscription à la newsletter", "demo": "Demande de démo", "contact": "Contact"}},
)

CONSENTS = Layout(
    headers={
        "consent_id": "N° de consentement",
        "email": "E-mail",
        "purpose": "Finalité",
        "given_at": "Donné le",
        "mechanism": "Mode de recueil",
        "wording_version": "Version du texte",
        "submission_id": "ID d'envoi",
        "proof_ref": "Réf. de la preuve",
        "withdrawn_at": "Retiré le",
    },
    delimiter=";",
    encoding="utf-8-sig",
    instant="%d/%m/%Y %H:%M:%S",
    instants=frozenset({"given_at", "withdrawn_at"}),
    words={
        "mechanism": {
            "unticked_box": "Case à cocher",
            "double_opt_in": "Double confirmation",
            "pre_ticked": "Case pré-cochée",
            "imported_list": "Liste importée",
            "contract": "Contrat",
            "oral": "Oral",
        }
    },
)

MAILINGS = Layout(
    headers={
        "mailing_id": "ID de l'événement",
        "contact_id": "ID du contact",
        "email": "Destinataire",
        "purpose": "Type d'abonnement",
        "sent_at": "Envoyé le",
    },
    instant="%Y-%m-%d %H:%M:%S",
    instants=frozenset({"sent_at"}),
    words={
        "purpose": {
            "newsletter": "Newsletter",
            "promotion": "Offre commerciale",
            "service": "Message de service",
            "recontact": "Relance",
        }
    },
)
